// The menu on the first screen: one entry for each kind of work beside picking and counting.
//
// Each kind of work is a screen, made by a module of its own. A screen has
//   view    the id of its section; buttons of the footer with this `data-view` are shown with it
//   entry   what its button on the menu says
//   roles   who may open it
//   open()  goes to it, asking the server where things stand; whatever it throws is told by the page
//   scan(code), todo() and draw()  what a scan does, what to do now in a few words, and how it is drawn
// The screen that was open is opened again after a reload.

const KEPT = "onward.screen";

export function menu(state, screens) {
  const shown = () => screens.filter(({ roles }) => roles.includes(state.me?.role));

  return {
    screens,
    shown,

    /** The screen that is open; undefined while somebody picks, counts or signs in. */
    at: () => screens.find(({ view }) => view === state.view),

    async open(view) {
      const screen = shown().find((each) => each.view === view);
      if (!screen) return;
      sessionStorage.setItem(KEPT, view);
      await screen.open();
      state.view = view;
    },

    /** Which screen was open before the page was loaded again; null for none. */
    kept: () => sessionStorage.getItem(KEPT),

    forget: () => sessionStorage.removeItem(KEPT),
  };
}
