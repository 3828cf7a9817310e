/** Elements, made once and then changed in place. */

/** An element with attributes and children; texts are texts, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Sets a text only if it is another one, so that nothing is laid out or read aloud again. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** A fold under a name that says what is in it. */
export function fold(name: string, ...children: readonly Node[]): HTMLDetailsElement {
  return element("details", { class: "qmml-fold" }, element("summary", {}, name), ...children);
}

/** Calls `seen` whenever a node comes on the screen or leaves it. */
export function whenSeen(node: Element, seen: (visible: boolean) => void): { dispose(): void } {
  const watcher = new IntersectionObserver((entries) => seen(entries[entries.length - 1].isIntersecting), { rootMargin: "100px" });
  watcher.observe(node);
  return { dispose: () => watcher.disconnect() };
}

/** Calls `resized` after a node's size has changed, once a frame at most. */
export function whenResized(node: Element, resized: () => void): { dispose(): void } {
  let frame = 0;
  const watcher = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(resized);
  });
  watcher.observe(node);
  return {
    dispose: () => {
      cancelAnimationFrame(frame);
      watcher.disconnect();
    },
  };
}
