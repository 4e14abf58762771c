import type { SendCorrection } from '../../shared/card/corrector';
import type { IErrorBody, ILiveCardState } from '../../shared/wire';
import type { IWidgetModel } from '../anywidget';
import { askServer } from './page';

/**
 * Passes corrections to the page's own server: a kernel hears of a message only when its cell has ended. Where there
 * is no server that knows nbtrail, it is a message all the same.
 */
export function correctionsOf(
  model: IWidgetModel<ILiveCardState>
): SendCorrection {
  return async edit => {
    const { run_id, kernel_id } = model.get('state');
    const path = await notebookOf(kernel_id);
    if (path !== null) {
      const route = `nbtrail/api/runs/${encodeURIComponent(run_id)}?path=${encodeURIComponent(path)}`;
      const answer = await askServer('PATCH', route, edit);
      if (answer?.ok) {
        return 'done';
      }
      const told = (await readJson(answer)) as IErrorBody | null;
      if (typeof told?.error?.message === 'string') {
        throw new Error(told.error.message);
      }
    }
    edit.ignore?.forEach(text => model.send({ action: 'ignore', text }));
    Object.keys(edit.take ?? {}).forEach(text =>
      model.send({ action: 'watch', text })
    );
    return 'later';
  };
}

/** The path of the notebook that a kernel belongs to, as the server tells it. */
async function notebookOf(kernelId: string | null): Promise<string | null> {
  const answer =
    kernelId === null ? null : await askServer('GET', 'api/sessions');
  const sessions = answer?.ok ? await readJson(answer) : null;
  if (!Array.isArray(sessions)) {
    return null;
  }
  const own = sessions.find(session => session?.kernel?.id === kernelId);
  return typeof own?.path === 'string' ? own.path : null;
}

async function readJson(answer: Response | null): Promise<unknown> {
  try {
    return (await answer?.json()) ?? null;
  } catch {
    return null;
  }
}
