// Links of iReal Pro in what is pasted or dropped: which tunes there are, each as a link of its own.

const LINK = /ireal(b|book):\/\/([^"'<>\s]+)/;
const SHUFFLED = "1r34LbKcu7";
const OLD_FIELDS = 6;

const linkOf = (scheme, tune) => `${scheme}://${encodeURIComponent(tune).replaceAll("'", "%27")}`;

/** The tunes of the first link in a text, as {title, link}; null where there is none. */
export function tunesIn(text) {
  const found = LINK.exec(text);
  if (!found) return null;
  let body;
  try {
    body = decodeURIComponent(found[2]);
  } catch {
    body = found[2]; // cut off in the middle of a character: the service says what is wrong
  }
  if (found[1] === "b") {
    const tunes = body.split("===").filter((tune) => tune.includes(SHUFFLED));
    return tunes.map((tune) => ({ title: tune.split("=")[0].trim(), link: linkOf("irealb", tune) }));
  }
  const fields = body.split("=");
  const tunes = [];
  for (let at = 0; at + OLD_FIELDS <= fields.length; at += OLD_FIELDS) {
    const tune = fields.slice(at, at + OLD_FIELDS);
    tunes.push({ title: tune[0].trim(), link: linkOf("irealbook", tune.join("=")) });
  }
  return tunes;
}
