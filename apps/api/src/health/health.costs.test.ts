import { type Costs, describeCosts } from '../../../../test/support/costs';

const COSTS: Costs = {
  getLiveness: { ask: () => ['GET', '/health/live'], status: 200, cold: 0, warm: 0 },
  getReadiness: { ask: () => ['GET', '/health/ready'], status: 200, cold: 1, warm: 1 },
};

describeCosts('health', COSTS);
