// Before the first paint: dark or light as chosen, else as the system has it. No module, so that nothing flashes.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("smsc.theme");
    } catch {
      return null;
    }
  };
  const show = () => {
    const dark = (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
    document.documentElement.classList.toggle("dark", dark);
  };
  show();
  system.addEventListener("change", show);
  window.toggleTheme = () => {
    const dark = !document.documentElement.classList.contains("dark");
    try {
      localStorage.setItem("smsc.theme", dark ? "dark" : "light");
    } catch {
      // a browser that keeps nothing: the choice lasts as long as the page
    }
    document.documentElement.classList.toggle("dark", dark);
    document.dispatchEvent(new Event("theme"));
  };
})();
