/** The buttons and the slider that go through the frames of a relaxation. */
import { element, setText } from "./dom.ts";
import { trans } from "./words.ts";

/** A player. */
export interface Player {
  readonly node: HTMLElement;
  /** Number of frames and the one shown. */
  set(frames: number, at: number): void;
  /** What is said of the frame. */
  say(words: string): void;
  /** Reacts to a key pressed anywhere in the view. */
  key(event: KeyboardEvent): void;
  dispose(): void;
}

/**
 * @param go called with the frame to show
 * @param extra what stands before the buttons
 * @param speed frames a second
 */
export function player(go: (frame: number) => void, extra: readonly Node[], speed: () => number): Player {
  let [count, current] = [0, 0];
  let timer: ReturnType<typeof setInterval> | undefined;
  const button = (sign: string, label: string, act: () => void): HTMLButtonElement => {
    const made = element("button", { type: "button", class: "qmml-button", "aria-label": label, title: label }, sign);
    made.addEventListener("click", act);
    return made;
  };
  const goTo = (frame: number): void => {
    const next = Math.max(0, Math.min(count - 1, frame));
    if (next !== current) go(next);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    setText(play, "▶");
    play.setAttribute("aria-label", trans.__("Play"));
    play.title = trans.__("Play (space)");
  };
  const toggle = (): void => {
    if (timer !== undefined || count < 2) {
      stop();
      return;
    }
    if (current === count - 1) go(0);
    setText(play, "❚❚");
    play.setAttribute("aria-label", trans.__("Pause"));
    play.title = trans.__("Pause (space)");
    timer = setInterval(() => (current < count - 1 ? go(current + 1) : stop()), 1000 / speed());
  };
  const by = (steps: number) => () => {
    stop();
    goTo(current + steps);
  };
  const play = button("▶", trans.__("Play"), toggle);
  const slider = element("input", {
    type: "range",
    min: "0",
    max: "0",
    step: "1",
    value: "0",
    "aria-label": trans.__("Step of the relaxation"),
    class: "qmml-slider",
  });
  slider.addEventListener("input", () => {
    stop();
    goTo(Number(slider.value));
  });
  const words = element("output", { class: "qmml-frame" });
  const node = element(
    "div",
    { class: "qmml-player" },
    ...extra,
    button("«", trans.__("First step"), () => by(-count)()),
    button("‹", trans.__("Step back"), by(-1)),
    play,
    button("›", trans.__("Step forward"), by(1)),
    button("»", trans.__("Last step"), () => by(count)()),
    slider,
    words,
  );
  play.classList.add("qmml-play");
  return {
    node,
    set: (frames, at) => {
      [count, current] = [frames, at];
      slider.max = String(Math.max(0, frames - 1));
      slider.value = String(at);
    },
    say: (text) => {
      setText(words, text);
      slider.setAttribute("aria-valuetext", text);
    },
    key: (event) => {
      const acts: Readonly<Record<string, () => void>> = {
        ArrowLeft: by(-1),
        ArrowRight: by(1),
        Home: () => by(-count)(),
        End: () => by(count)(),
        " ": toggle,
      };
      const act = acts[event.key];
      if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      act();
    },
    dispose: stop,
  };
}
