import './style/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { applyLive } from './live/apply-live.ts';
import { liveLine } from './live/live-line.ts';
import { router } from './router.tsx';
import { keepSignInToken } from './sign-in/token.ts';
import { listenToKeys } from './ui/shortcuts.ts';
import { firstTranslator, LanguageProvider } from './words/language.tsx';

// First of all: the token must not stay in the address, nor in the history.
keepSignInToken();
listenToKeys();
applyLive(liveLine, queryClient);

const root = createRoot(document.getElementById('root') as HTMLElement);
const t = await firstTranslator();
root.render(
  <StrictMode>
    <LanguageProvider first={t}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </LanguageProvider>
  </StrictMode>,
);
