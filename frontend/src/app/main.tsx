import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@/components/components.css';
import '@/components/forms.css';
import '@/components/overlays.css';
import '@/components/states.css';
import '@/components/table.css';
import { restore } from '@/api/session';
import { App } from './app';
import './styles/shell.css';
import './styles/narrow.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

void restore();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
