/**
 * The plugin: qmml's MIME types get a renderer, in every notebook one that knows the notebook's kernel and so can follow a running study,
 * elsewhere one that draws the snapshot. Views and their libraries are loaded when the first is drawn.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { type ISessionContext, IThemeManager } from "@jupyterlab/apputils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Widget } from "@lumino/widgets";
import { mimeTypeOf, VIEWS } from "./mimeTypes.ts";
import { ViewRenderer } from "./renderer.ts";
import { type LiveSettings, liveSettings } from "./settings.ts";

/** Before JupyterLab's own renderers: a bundle also has an SVG and a plotly figure, for those who know no better. */
const RANK = 0;

/** What is drawn from data alone needs no trust. */
const SAFE = true;

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlab-qmml:plugin",
  description: "Draws qmml's studies, live.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [IThemeManager],
  activate(app: JupyterFrontEnd, rendermime: IRenderMimeRegistry, themes: IThemeManager | null): void {
    const settings = liveSettings();
    register(rendermime, settings, themes, null);
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(panel: Widget, context: DocumentRegistry.Context): void {
        const own = (panel as Partial<NotebookPanel>).content?.rendermime;
        if (own) register(own, settings, themes, context.sessionContext);
      },
    });
  },
};

export default plugin;

/** What is needed of @jupyterlab/notebook's panel. */
interface NotebookPanel {
  readonly content: { readonly rendermime: IRenderMimeRegistry };
}

/** @param session the kernel of the notebook whose outputs these are; null: there is none to ask */
function register(
  rendermime: IRenderMimeRegistry,
  settings: LiveSettings,
  themes: IThemeManager | null,
  session: ISessionContext | null,
): void {
  for (const view of VIEWS) {
    const factory: IRenderMime.IRendererFactory = {
      safe: SAFE,
      mimeTypes: [mimeTypeOf(view)],
      createRenderer: ({ mimeType }) => new ViewRenderer(view, mimeType, settings, themes, session),
    };
    rendermime.addFactory(factory, RANK);
  }
}
