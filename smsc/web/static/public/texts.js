// The texts of a public page in bokmål, nynorsk and English: the file that the server's own forms are made of too.
export const read = async (name) => (await fetch(new URL(name, import.meta.url))).json();

/** The text with what stands in braces filled in. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
