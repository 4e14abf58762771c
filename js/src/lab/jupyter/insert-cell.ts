import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Problem } from '../api/problem';
import { comparisonSource } from '../model/insertion';

const KERNEL_ANSWER_MS = 1000;
const IS_LOADED = `'track' in get_ipython().magics_manager.magics['line']`;

/** Put a comparison below the active cell and run it. Throws a `Problem` where no kernel is to be had. */
export async function insertComparison(
  panel: NotebookPanel,
  names: readonly string[]
): Promise<void> {
  const { content, context, sessionContext } = panel;
  await context.ready;
  await sessionContext.ready;
  const kernel = sessionContext.session?.kernel;
  if (!kernel) {
    throw new Problem(
      'This notebook has no kernel. Choose one in its toolbar, then insert again.',
      'NoKernel',
      0
    );
  }
  const isLoaded = (await asksKernel(kernel)) ?? hasLoadedCell(panel);
  NotebookActions.insertBelow(content);
  NotebookActions.changeCellType(content, 'code');
  content.activeCell?.model.sharedModel.setSource(
    comparisonSource(names, isLoaded)
  );
  void NotebookActions.run(content, sessionContext);
}

/** Whether the kernel knows `%track`; null when it is too busy to say. */
async function asksKernel(
  kernel: Kernel.IKernelConnection
): Promise<boolean | null> {
  if (kernel.status !== 'idle') {
    return null;
  }
  const asked = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    user_expressions: { loaded: IS_LOADED }
  });
  const patience = new Promise<null>(resolve =>
    setTimeout(() => resolve(null), KERNEL_ANSWER_MS)
  );
  const reply = await Promise.race([asked.done, patience]);
  if (reply?.content.status !== 'ok') {
    return null;
  }
  const { loaded } = reply.content.user_expressions as Record<string, unknown>;
  const data = (loaded as { data?: Record<string, string> }).data;
  return data?.['text/plain'] === 'True';
}

/** Whether a cell that has run loads nbtrail. */
function hasLoadedCell(panel: NotebookPanel): boolean {
  return panel.content.widgets.some(({ model }) => {
    const cell = model.toJSON();
    return (
      typeof cell.execution_count === 'number' &&
      /^\s*%(re)?load_ext\s+nbtrail\b/m.test(model.sharedModel.getSource())
    );
  });
}
