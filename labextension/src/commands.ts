/** Commands, in the palette under QM/ML, the launcher's card, and what they need to know of the page; what they do is loaded when it is done. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { ILauncher } from "@jupyterlab/launcher";
import { icon } from "./icon.ts";
import { IDrawing } from "./tokens.ts";
import { trans } from "./words.ts";

/** Heading of the commands. */
const CATEGORY = "QM/ML";

/** Names of the commands; the first stands in `schema/plugin.json` as well. */
const [EXPORT, OPEN, CREATE] = ["qmml:export-figure", "qmml:open-study", "qmml:new-study"];

/** The plugin. It asks for the views' token so that the reader's language is known. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: "jupyterlab-qmml:commands",
  description: "Commands of qmml: figures, studies, new notebooks.",
  autoStart: true,
  requires: [IDrawing],
  optional: [ICommandPalette, ILauncher, IDocumentManager],
  activate(
    app: JupyterFrontEnd,
    _: IDrawing,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    manager: IDocumentManager | null,
  ): void {
    /** The view under the mouse when a menu was opened, else the one that the reader was in last, else the first to be seen. */
    const view = (): { readonly view: Element; readonly hit: Element } | undefined => {
      const hit = app.contextMenuHitTest((node) => node.closest(VIEW) !== null);
      const found = [hit, document.activeElement, ...document.querySelectorAll(VIEW)].filter((node) => node != null);
      const inPage = found.find((node) => (node.closest(VIEW)?.clientWidth ?? 0) > 0);
      const own = inPage?.closest(VIEW);
      return inPage && own ? { view: own, hit: inPage } : undefined;
    };
    app.commands.addCommand(EXPORT, {
      label: trans.__("Export figure…"),
      caption: trans.__("Save a figure of a study, or its data"),
      describedBy: { args: { type: "object", properties: {} } },
      isEnabled: () => view() !== undefined,
      execute: async () => {
        const found = view();
        if (found) await (await import("./exportFigure.ts")).exportFigure(found.view, found.hit);
      },
    });
    app.commands.addCommand(CREATE, {
      label: ({ isLauncher }) => (isLauncher ? trans.__("QM/ML study") : trans.__("New study notebook")),
      caption: trans.__("A notebook with a study that runs in seconds, to be changed"),
      icon: ({ isPalette }) => (isPalette ? undefined : icon),
      describedBy: { args: { type: "object", properties: { cwd: { type: "string" } } } },
      execute: async ({ cwd }) => {
        const { newStudy } = await import("./newStudy.ts");
        const path = await newStudy(app.serviceManager.contents, typeof cwd === "string" ? cwd : "");
        return app.commands.execute("docmanager:open", { path, factory: "Notebook" });
      },
    });
    if (manager) {
      app.commands.addCommand(OPEN, {
        label: trans.__("Open study…"),
        caption: trans.__("Show the study of a folder"),
        describedBy: { args: { type: "object", properties: { path: { type: "string" } } } },
        execute: async ({ path }) => {
          const { chosenStudy } = await import("./openStudy.ts");
          const chosen = typeof path === "string" ? path : await chosenStudy(manager);
          return chosen === undefined ? undefined : app.commands.execute("docmanager:open", { path: chosen });
        },
      });
    }
    for (const command of [EXPORT, CREATE, ...(manager ? [OPEN] : [])])
      palette?.addItem({ command, category: CATEGORY, args: { isPalette: true } });
    launcher?.add({ command: CREATE, category: CATEGORY, rank: 0, args: { isLauncher: true } });
  },
};

const VIEW = ".qmml-view";
