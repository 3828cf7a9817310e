/** The icon of studies: a ring of atoms, the one in question filled. */
import { LabIcon } from "@jupyterlab/ui-components";

/** For launcher cards, files and settings; in the colours of the page. */
export const icon: LabIcon = new LabIcon({
  name: "jupyterlab-qmml:icon",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="24" viewBox="0 0 24 24"><g class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.6"><path d="M12 12 12 5M12 12 6 16.5M12 12 18 16.5"/></g><g class="jp-icon3" fill="#616161"><circle cx="12" cy="4.4" r="2.6"/><circle cx="5.4" cy="17" r="2.6"/><circle cx="18.6" cy="17" r="2.6"/></g><circle class="jp-icon-accent0" fill="#0072b2" cx="12" cy="12" r="4"/></svg>`,
});
