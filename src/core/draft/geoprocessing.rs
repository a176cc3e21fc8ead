//! Drafts of web tools and geoprocessing services.
//!
//! # How a draft names its tools
//!
//! A genuine draft names a temporary toolbox (`%TEMP%\<GUID>.tbx`) which holds the run that is published.
//! Ours names a [`crate::toolbox::ResultFile`] the same way: a file `<GUID>.rlt` in a folder of the user's
//! own below the system's temporary folder, or the `.rlt` files' content that the script passed. It has one
//! task for each Result, in their order, with everything that staging needs: the toolbox and the files
//! beside it, the parameters with their values, which of them are constant or choices, and what the data
//! looks like. Staging reads that one file and nothing else besides the draft:
//!
//! | place in the draft | holds |
//! |---|---|
//! | `Resources/SVCResource/OnPremisePath` | the path of the result file; `Name` is its last part |
//! | `ConfigurationProperties[toolbox]` | the same path, as in genuine drafts; staging replaces it |
//! | `ByReference`, `StagingSettings[IncludeDataInSDFile]` | whether data is copied into the definition |
//! | `executionType`, `resultMapServer`, `showMessages`, `maximumRecords`, `webCapabilities` | twice: in `ConfigurationProperties`, which servers read, and in `Props` |
//! | `minInstances`, `maxInstances`, `UsageTimeout`, `WaitTimeout`, `IdleTimeout` | likewise; `Props` spells the first two `MinInstances`, `MaxInstances` |
//! | `constantValues`, `choiceLists` | leave no trace, as in genuine drafts: `constant` and `choices` of the parameters in the result file |
