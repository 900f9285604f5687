// What Fastify's serialiser is given: with it an answer is put together field by field, without it by JSON.stringify.
const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

export const itemSchema = {
  type: 'object',
  properties: {
    id: text,
    sku: text,
    name: text,
    description: textOrNull,
    price: { type: ['integer', 'null'] },
    currency: textOrNull,
    stock: { type: 'integer' },
    tags: { type: 'array', items: text },
    attributes: { type: 'object', additionalProperties: true },
    ownerId: text,
    version: { type: 'integer' },
    createdAt: { type: 'string', format: 'date-time' },
    updatedAt: { type: 'string', format: 'date-time' },
  },
} as const;

export const pageSchema = { type: 'object', properties: { data: { type: 'array', items: itemSchema } } } as const;
