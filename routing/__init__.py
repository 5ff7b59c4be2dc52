"""The walking floor: pick problems, routes, exact solvers and their verification."""
