import type { Event } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IRunsMoved } from '../../shared/wire';

/** The schema that the server extension registers on Jupyter's events bus. */
export const RUNS_MOVED_SCHEMA = 'urn:nbtrail:runs-moved:v1';

/** What the events bus says about runs, as a signal. */
export function movedRuns(
  events: Event.IManager
): ISignal<unknown, IRunsMoved> {
  const moved = new Signal<unknown, IRunsMoved>(events);
  events.stream.connect((_, emission) => {
    if (emission.schema_id === RUNS_MOVED_SCHEMA) {
      moved.emit(emission as unknown as IRunsMoved);
    }
  });
  return moved;
}
