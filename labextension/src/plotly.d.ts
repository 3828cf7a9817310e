/** What is used of plotly.js, whose distributions carry no types. */
declare module "plotly.js-basic-dist-min" {
  namespace Plotly {
    /** Where an axis stands in its element and how long it is, pixels; data to pixels along it. */
    interface DrawnAxis {
      readonly _offset: number;
      readonly _length: number;
      d2p(value: number): number;
    }
    /** What a drawn element gets. */
    interface Graph {
      readonly _fullLayout?: Readonly<Record<string, DrawnAxis>>;
      on(event: "plotly_afterplot" | "plotly_relayouting", listener: () => void): void;
      on(event: "plotly_click", listener: (event: { points: { x: unknown; data: { meta?: unknown } }[] }) => void): void;
    }
    function react(graph: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
    function purge(graph: HTMLElement): void;
    const Plots: { resize(graph: HTMLElement): void };
  }
  export default Plotly;
}
