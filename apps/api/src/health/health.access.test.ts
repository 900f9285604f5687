import { type Access, describeAccess, everyone } from '../../../../test/support/access';

const ACCESS: Access = {
  getLiveness: { ask: () => ['GET', '/health/live'], gives: everyone(200) },
  getReadiness: { ask: () => ['GET', '/health/ready'], gives: everyone(200) },
};

describeAccess('health', ACCESS);
