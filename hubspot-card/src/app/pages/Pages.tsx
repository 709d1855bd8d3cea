import { hubspot } from '@hubspot/ui-extensions';
import { createPageRouter, PageRoutes } from '@hubspot/ui-extensions/pages';
import { MyLeads } from './MyLeads';

const PageRouter = createPageRouter(
  <PageRoutes>
    <PageRoutes.IndexRoute component={MyLeads} />
    <PageRoutes.AnyRoute component={MyLeads} />
  </PageRoutes>,
);

hubspot.extend<'pages'>(() => <PageRouter />);
