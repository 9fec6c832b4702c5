// A case in the fragment of an address: browsers do not send it, so no server sees what is shared.

const KEY = "case=";
const MOST = 2_000_000;

/** A link that is no case, in words for people. */
export class LinkError extends Error {}

/**
 * @param {unknown} data
 * @returns {Promise<string>} the fragment, with its #
 */
export async function fragmentOf(data) {
  const packed = new Blob([JSON.stringify(data)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `#${KEY}${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/**
 * What a fragment holds; undefined: it is not of a case. Throws LinkError for one that is broken.
 * @param {string} fragment
 * @returns {Promise<any>}
 */
export async function dataOf(fragment) {
  if (!fragment.startsWith(`#${KEY}`)) return undefined;
  try {
    const packed = atob(fragment.slice(1 + KEY.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (sign) => sign.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      if (text.length > MOST) throw new LinkError("larger than any record");
    }
    return JSON.parse(text + decoder.decode());
  } catch {
    throw new LinkError("The link is broken, or holds no case: ask for it again. What was open here is kept.");
  }
}
