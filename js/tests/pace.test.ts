import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../src/lab/model/pace';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first time is at once, and many askings meanwhile are one more time', async () => {
  let done = 0;
  const pace = new Pace(async () => void (done += 1), 500);

  pace.ask();
  expect(done).toBe(1);
  pace.ask();
  pace.ask();
  await vi.advanceTimersByTimeAsync(499);
  expect(done).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(done).toBe(2);
});

test('what is asked for while the work goes on is done after it', async () => {
  let done = 0;
  const work = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, 2000));
    done += 1;
  };
  const pace = new Pace(work, 500);

  pace.ask();
  await vi.advanceTimersByTimeAsync(1900);
  pace.ask();
  await vi.advanceTimersByTimeAsync(10_000);

  expect(done).toBe(2);
});

test('nothing is done once it is disposed of', async () => {
  let done = 0;
  const pace = new Pace(async () => void (done += 1), 500);
  pace.ask();
  pace.ask();

  pace.dispose();
  pace.ask();
  await vi.advanceTimersByTimeAsync(5000);

  expect(done).toBe(1);
});
