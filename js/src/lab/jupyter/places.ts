import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** What a notebook needs to keep beside itself; a narrower one is divided into an upper and a lower half. */
const LEAST_PX = 800;

/**
 * Open a widget where it leaves in view what is worked on: as a tab of its like, where one is open; else to the right
 * of what is worked on, or below it where it is narrow. Notebook 7 shows one document, so there it is below.
 */
export function openBeside(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  widget: Widget,
  beside: Widget | null,
  like: Widget | null = null
): void {
  if (!widget.isAttached) {
    if (labShell) {
      labShell.add(widget, 'main', placeOf(beside, like));
    } else {
      // The panel below is as high as what it holds asks for, which is nothing.
      widget.node.style.minHeight = '45vh';
      app.shell.add(widget, 'down');
    }
  }
  app.shell.activateById(widget.id);
}

function placeOf(
  beside: Widget | null,
  like: Widget | null
): Parameters<ILabShell['add']>[2] {
  if (like?.isAttached) {
    return { mode: 'tab-after', ref: like.id };
  }
  if (!beside?.isAttached) {
    return { mode: 'tab-after' };
  }
  const widthPx = beside.node.clientWidth;
  const isNarrow = beside.isVisible && widthPx < LEAST_PX;
  return { mode: isNarrow ? 'split-bottom' : 'split-right', ref: beside.id };
}
