import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { Empty, Loading } from '@/components/states';
import { Toasts } from '@/components/toasts';
import { LoginPage } from '@/features/login/login-page';
import { createQueryClient } from './query-client';
import { RequireSession } from './require-session';
import { Shell } from './shell';

const DashboardPage = lazy(() => import('@/features/dashboard/dashboard-page'));
const AnalysisPage = lazy(() => import('@/features/analysis/analysis-page'));
const NewAnalysisPage = lazy(() => import('@/features/analysis/new-analysis-page'));
const ComparePage = lazy(() => import('@/features/comparison/compare-page'));
const JobPage = lazy(() => import('@/features/analysis/job-page'));
const DataPage = lazy(() => import('@/features/data/data-page'));
const AlertsPage = lazy(() => import('@/features/alerts/alerts-page'));
const TradingPage = lazy(() => import('@/features/trading/trading-page'));
const PortfolioPage = lazy(() => import('@/features/portfolio/portfolio-page'));

function Unknown(): ReactNode {
  return <Empty title="This page does not exist">Check the address, or use the navigation above.</Empty>;
}

export function App(): ReactNode {
  const [queries] = useState(createQueryClient);
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <Suspense fallback={<Loading lines={6} />}>
            <Routes>
              <Route path="/login" element={<LoginPage />} />
              <Route
                element={
                  <RequireSession>
                    <Shell />
                  </RequireSession>
                }
              >
                <Route index element={<DashboardPage />} />
                <Route path="analysis" element={<AnalysisPage />} />
                <Route path="analysis/new" element={<NewAnalysisPage />} />
                <Route path="analysis/compare" element={<ComparePage />} />
                <Route path="analysis/:jobId" element={<JobPage />} />
                <Route path="data" element={<DataPage />} />
                <Route path="trading" element={<TradingPage />} />
                <Route path="portfolio" element={<PortfolioPage />} />
                <Route path="alerts" element={<AlertsPage />} />
                <Route path="*" element={<Unknown />} />
              </Route>
            </Routes>
          </Suspense>
        </BrowserRouter>
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  );
}
