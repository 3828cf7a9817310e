/** The buttons that stop and resume a study. Where the kernel cannot be asked they say why, in words that everybody can read. */
import { element, setText } from "../dom.ts";
import type { StudyRequest } from "../feed.ts";
import type { ViewContext } from "../view.ts";
import { trans } from "../words.ts";

/** The buttons. */
export interface Controls {
  readonly node: HTMLElement;
  /** @param state of the study */
  update(state: string): void;
}

/** States in which each request makes sense. */
const WHEN: Readonly<Record<StudyRequest, readonly string[]>> = {
  stop: ["running"],
  resume: ["stopped", "failed", "interrupted"],
};

let count = 0;

/** The buttons of a view. */
export function controls(context: ViewContext): Controls {
  count += 1;
  const why = element("span", { class: "qmml-why", id: `qmml-why-${count}`, role: "status" });
  const buttons = (Object.keys(WHEN) as StudyRequest[]).map((request) => {
    const button = element("button", { type: "button", class: "qmml-control", "data-request": request, "aria-describedby": why.id });
    button.addEventListener("click", () => void press(request));
    return [request, button] as const;
  });
  const node = element("div", { class: "qmml-asking" }, why, ...buttons.map(([, button]) => button));
  let state = "empty";
  /** What was asked for and is not there yet. */
  let asked: StudyRequest | undefined;
  let problem = "";

  const show = (): void => {
    const hindrance = context.hindrance();
    for (const [request, button] of buttons) {
      button.hidden = !WHEN[request].includes(state);
      // Disabled buttons cannot be reached by the keyboard, and nobody would hear why.
      button.setAttribute("aria-disabled", String(hindrance !== undefined || asked !== undefined));
      setText(button, label(request, asked === request));
    }
    const offered = buttons.some(([, button]) => !button.hidden);
    setText(why, offered ? problem || (hindrance ?? "") : "");
  };
  const press = async (request: StudyRequest): Promise<void> => {
    if (asked !== undefined || context.hindrance() !== undefined) return;
    [asked, problem] = [request, ""];
    show();
    try {
      await context.ask(request);
    } catch (error) {
      [asked, problem] = [undefined, error instanceof Error ? error.message : String(error)];
    }
    show();
  };
  return {
    node,
    update: (now) => {
      if (now !== state) [asked, problem] = [undefined, ""];
      state = now;
      show();
    },
  };
}

function label(request: StudyRequest, busy: boolean): string {
  if (request === "stop") return busy ? trans.__("Stopping…") : trans.__("Stop");
  return busy ? trans.__("Resuming…") : trans.__("Resume");
}
