/** What the command "Open study…" does: the reader picks the folder of a study, whose snapshot is shown. */
import { showErrorMessage } from "@jupyterlab/apputils";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import { FileDialog } from "@jupyterlab/filebrowser";
import { trans } from "./words.ts";

/** File of a study's folder that its process keeps for those who cannot read the journal. */
const SNAPSHOT = "view.json";

/** Path of the snapshot that was chosen; undefined if none was. */
export async function chosenStudy(manager: IDocumentManager): Promise<string | undefined> {
  const { value } = await FileDialog.getExistingDirectory({ manager, title: trans.__("Folder of a study") });
  const folder = value?.[0]?.path;
  if (folder === undefined) return undefined;
  const { content } = await manager.services.contents.get(folder, { content: true });
  if ((content as readonly { readonly name: string }[]).some(({ name }) => name === SNAPSHOT))
    return folder === "" ? SNAPSHOT : `${folder}/${SNAPSHOT}`;
  const why = trans.__('"%1" has no %2: it is no study\'s folder, or its study has not begun.', folder, SNAPSHOT);
  await showErrorMessage(trans.__("There is no study"), why);
  return undefined;
}
