// Figures in words, on the page of the floor and on those of the office.

/** So many of a thing, as "1 bin" and "2 bins". */
export const some = (num, thing) => `${num} ${thing}${num === 1 ? "" : "s"}`;
