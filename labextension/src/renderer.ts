/** The widget that JupyterLab puts into an output: it loads what draws, follows the study while it can, and says in one sentence what it cannot draw. */
import type { ISessionContext, IThemeManager } from "@jupyterlab/apputils";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import type { ViewName, ViewPayload } from "../../src/display/bundle.ts";
import { type Feed, follow } from "./feed.ts";
import { checkPayload } from "./mimeTypes.ts";
import type { LiveSettings } from "./settings.ts";
import type { Shown } from "./shown.ts";
import type { ViewContext } from "./view.ts";
import { trans } from "./words.ts";

/** Frames for which a view that has no width may be hidden on its way to another theme; one in a hidden tab is restyled unseen. */
const MOMENT = 60;

/** A renderer of one view. */
export class ViewRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly view: ViewName;
  private readonly mimeType: string;
  private readonly themes: IThemeManager | null;
  private readonly session: ISessionContext | null;
  private readonly context: ViewContext;
  private readonly unwatch: () => void;
  private shown: Shown | null = null;
  private path: string | undefined;
  private feed: Feed | null = null;

  constructor(view: ViewName, mimeType: string, settings: LiveSettings, themes: IThemeManager | null, session: ISessionContext | null) {
    super();
    this.view = view;
    this.mimeType = mimeType;
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
      ask: async () => {
        throw new Error(trans.__("There is no kernel to ask."));
      },
    };
    this.unwatch = settings.watch(() => this.shown?.restyle());
    themes?.themeChanged.connect(this.onTheme, this);
  }

  /** Draws a bundle, or changes what is drawn to a newer one of the same study. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    try {
      const payload = checkPayload(this.view, model.data[this.mimeType]);
      const { show } = await import("./shown.ts");
      if (this.isDisposed) return;
      if (this.shown && payload.study && payload.study.path === this.path) this.shown.replace(payload);
      else this.put(show(this.view, payload, this.context), payload);
    } catch (error) {
      this.say(error);
    }
  }

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

  private put(shown: Shown, { study }: ViewPayload): void {
    this.clear();
    this.shown = shown;
    this.path = study?.path;
    this.node.replaceChildren(shown.node);
    shown.restyle();
    if (!study || !this.session || shown.node.dataset.state === "finished") return;
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

  private say(error: unknown): void {
    this.clear();
    const sentence = error instanceof RangeError ? error.message : `This ${this.view} view cannot be drawn: ${String(error)}`;
    const line = document.createElement("p");
    line.className = "qmml-problem";
    line.setAttribute("role", "alert");
    line.textContent = sentence.slice(0, 400);
    this.node.replaceChildren(line);
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
