import type { Workload } from "./harness/workload.ts";
export const workload: Workload = { name: "scaling", title: "", peers: [], run: async () => ({ figures: [] }) };
