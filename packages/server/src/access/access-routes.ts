import type { Route } from '../route.ts';
import { auditRoutes } from './audit-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { keyRoutes } from './key-routes.ts';
import type { RouteParts } from './route-parts.ts';
import { sessionRoutes } from './session-routes.ts';
import { userRoutes } from './user-routes.ts';

/** Session, users, invitations, customers, keys and audit of the native API. */
export function accessRoutes(parts: RouteParts): Route[] {
  return [
    ...sessionRoutes(parts),
    ...userRoutes(parts),
    ...invitationRoutes(parts),
    ...customerRoutes(parts),
    ...keyRoutes(parts),
    ...auditRoutes(parts.store),
  ];
}
