// The account that everybody may try the embedded service with; its password is no secret.

export const DEMO_USER = {
  id: '01941f29-7c00-7a3b-9c4d-5e6f70819203',
  email: 'demo@floodgate.example',
  displayName: 'Demo Trader',
  password: 'floodgate-demo',
} as const;
