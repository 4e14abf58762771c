import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** Open a widget beside what is worked on: to its right in JupyterLab, below it in Notebook 7, which shows one document. */
export function openBeside(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  widget: Widget,
  beside: Widget | null
): void {
  if (!widget.isAttached) {
    if (labShell) {
      const ref = beside?.isAttached ? beside.id : null;
      labShell.add(widget, 'main', {
        mode: ref ? 'split-right' : 'tab-after',
        ref
      });
    } else {
      // The panel below is as high as what it holds asks for, which is nothing.
      widget.node.style.minHeight = '45vh';
      app.shell.add(widget, 'down');
    }
  }
  app.shell.activateById(widget.id);
}
