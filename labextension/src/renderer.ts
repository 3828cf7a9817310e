/** The widget that JupyterLab puts into an output: it loads what draws, follows the study while it can, and says in one sentence what it cannot draw. */
import type { ISessionContext } from "@jupyterlab/apputils";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import type { StudyReference, ViewName } from "../../src/display/bundle.ts";
import { type Feed, follow } from "./feed.ts";
import { checkPayload, mimeTypeOf } from "./mimeTypes.ts";
import type { Shown, Source } from "./shown.ts";
import type { IDrawing } from "./tokens.ts";
import type { ViewContext } from "./view.ts";
import { trans } from "./words.ts";

/** Frames for which a view that has no width may be hidden on its way to another theme; one in a hidden tab is restyled unseen. */
const MOMENT = 60;

/** A renderer of one view. */
export class ViewRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly view: ViewName;
  private readonly themes: IDrawing["themes"];
  private readonly session: ISessionContext | null;
  private readonly context: ViewContext;
  private readonly unwatch: () => void;
  private trusted = false;
  private shown: Shown | null = null;
  private path: string | undefined;
  private feed: Feed | null = null;

  constructor(view: ViewName, { settings, themes }: IDrawing, session: ISessionContext | null) {
    super();
    this.view = view;
    this.themes = themes;
    this.session = session;
    this.addClass("qmml-view");
    this.node.dataset.view = view;
    // Keys pressed in a view are the view's, not the notebook's.
    this.node.dataset.lmSuppressShortcuts = "true";
    this.context = {
      get settings() {
        return settings.now;
      },
      hindrance: () => this.hindrance(),
      ask: async (request) => {
        const hindrance = this.hindrance();
        if (hindrance !== undefined || !this.feed) throw new Error(hindrance ?? trans.__("The study is finished."));
        await this.feed.ask(request);
      },
    };
    this.unwatch = settings.watch(() => this.shown?.restyle());
    themes?.themeChanged.connect(this.onTheme, this);
  }

  /** Draws a bundle, or changes what is drawn to a newer one of the same study. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    try {
      this.trusted = model.trusted;
      const payload = checkPayload(this.view, model.data[mimeTypeOf(this.view)]);
      const isSame = payload.study !== undefined && payload.study.path === this.path;
      await this.draw({ payload }, isSame);
      this.path = payload.study?.path;
      if (!isSame && this.shown && payload.study) this.follow(this.shown, payload.study);
    } catch (error) {
      this.say(error);
    }
  }

  /** Draws the content of a study's snapshot, each newer one in place of the one before. @throws RangeError with one sentence if it cannot be read */
  async drawSnapshot(content: unknown): Promise<void> {
    await this.draw({ payload: checkPayload(this.view, content) }, true);
    this.shown?.connected("live");
  }

  /**
   * Draws a file of frames, each version in place of the one before.
   * @throws RangeError with one sentence if it cannot be read
   */
  async drawFrames(name: string, text: string): Promise<void> {
    const { framesOf } = await import("./frames.ts");
    const { known, left } = framesOf(name, text);
    await this.draw({ known }, true);
    this.node.querySelector(".qmml-left")?.remove();
    if (left === "") return;
    const line = document.createElement("p");
    line.className = "qmml-caption qmml-left";
    line.textContent = left;
    this.node.append(line);
  }

  /** Says in the place of the view why there is none. */
  readonly say = (error: unknown): void => {
    this.clear();
    this.path = undefined;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const unloaded = trans.__("This view could not be loaded, as after an update of the extension: reload the page.");
    const why = message.startsWith("This ")
      ? message
      : trans.__("This %1 view cannot be drawn: %2.", this.view, message.replace(/\.$/, ""));
    const sentence = name === "ChunkLoadError" ? unloaded : why;
    const line = document.createElement("p");
    line.className = "qmml-problem";
    // The stylesheet comes with the views.
    line.style.color = "var(--jp-error-color1)";
    line.setAttribute("role", "alert");
    line.textContent = sentence.slice(0, 400);
    this.node.replaceChildren(line);
  };

  override dispose(): void {
    if (this.isDisposed) return;
    this.themes?.themeChanged.disconnect(this.onTheme, this);
    this.unwatch();
    this.clear();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.shown?.restyle();
  }

  private hindrance(): string | undefined {
    if (!this.session) return trans.__("There is no kernel here: show the study in a notebook to stop or resume it.");
    if (!this.session.session?.kernel) return trans.__("There is no kernel: start one, then the study can be stopped and resumed.");
    // A study is a program that whoever wrote the notebook has chosen.
    if (!this.trusted) return trans.__("This notebook is not trusted: run the cell, or trust the notebook.");
    return undefined;
  }

  /** @param isSame of what is drawn already, so that it is changed in place */
  private async draw(source: Source, isSame: boolean): Promise<void> {
    const { show } = await import("./shown.ts");
    if (this.isDisposed) return;
    if (this.shown && isSame) return this.shown.replace(source);
    const shown = show(this.view, source, this.context, this.say);
    this.clear();
    this.shown = shown;
    this.node.replaceChildren(shown.node);
    shown.restyle();
  }

  private follow(shown: Shown, study: StudyReference): void {
    if (!this.session || shown.node.dataset.state === "finished") return;
    this.feed = follow(this.session, study, {
      held: shown.held,
      connected: shown.connected,
      take: (sequence, state, parts) => {
        try {
          return shown.take(sequence, state, parts);
        } catch (error) {
          this.say(error);
          return true;
        }
      },
    });
  }

  private clear(): void {
    this.feed?.dispose();
    this.shown?.dispose();
    [this.feed, this.shown] = [null, null];
  }

  private onTheme(): void {
    // JupyterLab hides everything when the theme has changed and shows it again a moment later.
    const once = (frames: number): void => {
      if (frames > 0 && this.node.clientWidth === 0) requestAnimationFrame(() => once(frames - 1));
      else this.shown?.restyle();
    };
    requestAnimationFrame(() => once(MOMENT));
  }
}
