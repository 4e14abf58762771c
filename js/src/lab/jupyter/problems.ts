import { Notification } from '@jupyterlab/apputils';
import { Problem } from '../api/problem';

/** Do something; what goes wrong is shown as a notification, in the server's words. */
export async function tellProblems<T>(
  act: () => Promise<T>
): Promise<T | undefined> {
  try {
    return await act();
  } catch (thrown) {
    Notification.error(Problem.from(thrown).message, { autoClose: false });
    return undefined;
  }
}
