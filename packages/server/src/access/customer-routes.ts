import { customerId, customerSchema, label, limits } from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import { listCustomers, unlinkCustomer } from './customers.ts';
import { pageQuery, type RouteParts } from './route-parts.ts';

const group = 'Customers';
const which = z.strictObject({
  userId: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  provider: label(limits.tag),
  customer: customerId,
});

export function customerRoutes({ store, clock, authenticator }: RouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/customers',
      access: 'customers.manage',
      group,
      summary: 'Customers, by user',
      description: 'A provider is shown their own, an admin all. New ones come by invitation.',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(customerSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, query }) => ({ body: await listCustomers(store.read, actor, query) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/customers',
      access: 'customers.manage',
      group,
      summary: 'Let a user follow the jobs of a customer no more',
      description: 'The user stays, and so do the jobs.',
      query: which,
      answers: { 204: { description: 'Gone' } },
      handle: async ({ actor, query }) => {
        await unlinkCustomer(store, clock, actor, query);
        authenticator.forget();
        return { status: 204 };
      },
    }),
  ];
}
