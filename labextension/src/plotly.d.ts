/** What is used of plotly.js, whose distributions carry no types. */
declare module "plotly.js-basic-dist-min" {
  namespace Plotly {
    /** Methods that a drawn element gets. */
    interface Graph {
      on(event: "plotly_click", listener: (event: { points: { x: unknown; data: { meta?: unknown } }[] }) => void): void;
    }
    function react(graph: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
    function relayout(graph: HTMLElement, change: object): Promise<unknown>;
    function purge(graph: HTMLElement): void;
    const Plots: { resize(graph: HTMLElement): void };
  }
  export default Plotly;
}
