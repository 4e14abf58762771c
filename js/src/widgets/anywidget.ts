/** What anywidget gives to a front end, as far as these widgets use it. */
export interface IWidgetModel<State> {
  get(name: 'state'): State;
  on(event: 'change:state', listener: () => void): void;
  off(event: 'change:state', listener: () => void): void;
  send(content: unknown): void;
}

export interface IRenderContext<State> {
  model: IWidgetModel<State>;
  el: HTMLElement;
}
