import type { Workload } from "./harness/workload.ts";
export const workload: Workload = { name: "prediction", title: "", peers: [], run: async () => ({ figures: [] }) };
