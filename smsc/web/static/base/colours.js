// The stylesheet's colours for what is drawn on a canvas.
export function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

/** Call `draw` now and whenever dark or light is chosen; returned: how to end that. */
export function onTheme(draw) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const later = () => requestAnimationFrame(draw);
  document.addEventListener("theme", later);
  system.addEventListener("change", later);
  return () => {
    document.removeEventListener("theme", later);
    system.removeEventListener("change", later);
  };
}
