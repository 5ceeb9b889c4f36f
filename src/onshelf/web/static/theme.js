// Puts the chosen theme on the page before anything is painted; without a choice the system's is taken.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
