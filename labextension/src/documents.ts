/**
 * Documents: the snapshot `view.json` that a study's process keeps in its folder, followed while it changes, and files of frames (extended
 * XYZ). Both are drawn from data alone.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ABCWidgetFactory, type DocumentRegistry, DocumentWidget } from "@jupyterlab/docregistry";
import type { Contents } from "@jupyterlab/services";
import { icon } from "./icon.ts";
import { mimeTypeOf } from "./mimeTypes.ts";
import { ViewRenderer } from "./renderer.ts";
import { IDrawing } from "./tokens.ts";
import { trans } from "./words.ts";

/** ms between two looks at a file on the screen. */
const LOOK = 2000;

/** Draws the text of a file. @param name of the file */
type Draw = (renderer: ViewRenderer, text: string, name: string) => Promise<void>;

/** A kind of document. */
interface Kind {
  readonly factory: string;
  readonly type: Partial<DocumentRegistry.IFileType> & { readonly name: string };
  readonly view: "study" | "trajectory";
  readonly draw: Draw;
}

/** The plugin. */
export const documents: JupyterFrontEndPlugin<void> = {
  id: "jupyterlab-qmml:documents",
  description: "Opens the snapshot of a study and files of frames.",
  autoStart: true,
  requires: [IDrawing],
  activate(app: JupyterFrontEnd, drawing: IDrawing): void {
    const { contents } = app.serviceManager;
    for (const kind of kinds()) {
      app.docRegistry.addFileType({ contentType: "file", fileFormat: "text", icon, ...kind.type });
      const { name } = kind.type;
      const options = { name: kind.factory, modelName: "text", fileTypes: [name], defaultFor: [name], readOnly: true };
      app.docRegistry.addWidgetFactory(new Factory(options, kind, drawing, contents));
    }
  },
};

function kinds(): Kind[] {
  return [
    {
      factory: trans.__("QM/ML study"),
      type: {
        name: "qmml-study",
        displayName: trans.__("QM/ML study"),
        pattern: "^view\\.json$",
        extensions: [],
        mimeTypes: ["application/json"],
      },
      view: "study",
      draw: (renderer, text, name) => renderer.drawSnapshot(contentOf(text, name)),
    },
    {
      factory: trans.__("Atoms"),
      type: { name: "extxyz", displayName: trans.__("Extended XYZ"), extensions: [".extxyz", ".xyz"], mimeTypes: ["chemical/x-xyz"] },
      view: "trajectory",
      draw: (renderer, text, name) => renderer.drawFrames(name, text),
    },
  ];
}

/** Content of a snapshot. @throws RangeError in one sentence if the file is something else */
function contentOf(text: string, name: string): unknown {
  try {
    const content = (JSON.parse(text) as Readonly<Record<string, unknown>>)[mimeTypeOf("study")];
    if (content !== undefined) return content;
  } catch {
    // Said below.
  }
  throw new RangeError(trans.__("%1 is no snapshot of a study: open it with the editor.", name));
}

class Factory extends ABCWidgetFactory<DocumentWidget<ViewRenderer>> {
  private readonly kind: Kind;
  private readonly drawing: IDrawing;
  private readonly contents: Contents.IManager;

  constructor(options: DocumentRegistry.IWidgetFactoryOptions, kind: Kind, drawing: IDrawing, contents: Contents.IManager) {
    super(options);
    this.kind = kind;
    this.drawing = drawing;
    this.contents = contents;
  }

  protected createNewWidget(context: DocumentRegistry.Context): DocumentWidget<ViewRenderer> {
    const content = new ViewRenderer(this.kind.view, this.drawing, null);
    content.addClass("qmml-document");
    content.title.icon = icon;
    const draw = (): Promise<void> =>
      this.kind.draw(content, context.model.toString(), context.path.split("/").at(-1) ?? "").catch(content.say);
    const reveal = context.ready.then(draw);
    context.ready.then(() => context.model.contentChanged.connect(() => void draw()));
    const timer = setInterval(() => void this.look(context, content), LOOK);
    content.disposed.connect(() => clearInterval(timer));
    return new DocumentWidget({ content, context, reveal });
  }

  /** Reads a file on the screen again if it is another one. */
  private async look(context: DocumentRegistry.Context, content: ViewRenderer): Promise<void> {
    if (!content.isVisible || document.hidden || !context.isReady) return;
    try {
      const { last_modified: now } = await this.contents.get(context.path, { content: false });
      if (now !== context.contentsModel?.last_modified) await context.revert();
    } catch {
      // Gone, or the server is: what is drawn stays.
    }
  }
}
