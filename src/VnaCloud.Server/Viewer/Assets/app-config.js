// OHIF's configuration, of what the server says above.
/* global server */

// What OHIF's own page has as inline scripts.
console.time('scriptToView');
window.PUBLIC_URL = `${server.base}/viewer/${server.release}/`;
window.PUBLIC_LIB_URL = `${window.PUBLIC_URL}\${component}/`;
window.browserImportFunction = (module) => import(module);

// On a phone, or in a narrow window, the picture has the width: the panels open by their buttons, and narrow.css gives the header to the tools.
const narrow = window.matchMedia('(max-width: 900px)').matches;
const panels = narrow ? { routes: { 0: { layoutInstance: { props: { leftPanelClosed: { $set: true }, rightPanelClosed: { $set: true } } } } } } : {};

window.config = {
  routerBasename: `${server.base}/viewer/`,
  extensions: [],
  modes: [],
  modesConfiguration: { '@ohif/mode-longitudinal': panels, '@ohif/mode-segmentation': panels },
  customizationService: [{ 'ohif.tours': { $set: [] } }],
  showStudyList: server.showStudyList,
  whiteLabeling: narrow ? { createLogoComponentFn: (React) => React.createElement('span') } : undefined,
  showPatientInfo: narrow ? 'disabled' : 'visible',
  investigationalUseDialog: { option: 'never' },
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  // OHIF calls it without asking whether there is one; a picture that cannot be shown says so in its viewport.
  httpErrorHandler: (error) => console.warn('A request failed:', error?.status ?? '', error?.message ?? ''),
  groupEnabledModesFirst: true,
  maxNumberOfWebWorkers: Math.max(2, Math.min(6, (navigator.hardwareConcurrency || 4) - 1)),
  maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
  studyPrefetcher: { enabled: true, displaySetsCount: 2, maxNumPrefetchRequests: 10, order: 'closest' },
  defaultDataSourceName: 'dicomweb',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'dicomweb',
      configuration: {
        friendlyName: 'Archive',
        name: 'archive',
        qidoRoot: `${server.base}/dicom-web`,
        wadoRoot: `${server.base}/dicom-web`,
        wadoUriRoot: `${server.base}/dicom-web/wado`,
        qidoSupportsIncludeField: true,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        supportsReject: false,
        dicomUploadEnabled: server.mayWrite,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        bulkDataURI: { enabled: true, relativeResolution: 'studies' },
        omitQuotationForMultipartRequest: false,
        // A video is an address that the browser asks for ranges of; it need not be in memory before its first picture.
        singlepart: 'video',
      },
    },
  ],
};
