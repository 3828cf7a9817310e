import type { Workload } from "./harness/workload.ts";
export const workload: Workload = { name: "retraining", title: "", peers: [], run: async () => ({ figures: [] }) };
