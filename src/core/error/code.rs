//! The geoprocessing codes that our failures carry, with the text that arcpy prints.

/// A geoprocessing message code such as `000732`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Code {
    /// The number, printed with six digits.
    pub number: u32,
    /// The text; `<value>` stands for what the failure names.
    pub template: &'static str,
}

impl Code {
    /// The input does not exist.
    pub const DATASET_MISSING: Self =
        Self { number: 732, template: "<param>: Dataset <value> does not exist or is not supported" };
    /// A required parameter is empty.
    pub const VALUE_REQUIRED: Self = Self { number: 735, template: "<param>: Value is required" };
    /// The output exists and may not be overwritten.
    pub const OUTPUT_EXISTS: Self =
        Self { number: 725, template: "<param>: Dataset <value> already exists." };
    /// A parameter has a value outside its list.
    pub const NOT_IN_LIST: Self = Self { number: 800, template: "The value is not a member of <value>." };
    /// A parameter has a value of another type.
    pub const WRONG_TYPE: Self = Self { number: 840, template: "<param>: The value is not a <value>." };
    /// The service definition could not be compressed.
    pub const COMPRESS_FAILED: Self =
        Self { number: 1269, template: "Compressing the service definition failed." };
    /// Consolidating data failed.
    pub const CONSOLIDATE_FAILED: Self = Self { number: 1270, template: "Consolidating data failed." };
    /// Analyzers found errors.
    pub const ANALYZER_ERRORS: Self =
        Self { number: 1272, template: "Analyzer errors were encountered (<value>)." };
    /// The server could not create the service.
    pub const CREATE_FAILED: Self = Self { number: 1369, template: "Failed to create the service." };
    /// The server could not unpack the service definition.
    pub const EXTRACT_FAILED: Self = Self {
        number: 1370,
        template: "Failed to extract the service definition to the service's input folder.",
    };
    /// Warnings that analyzers found.
    pub const ANALYZER_WARNINGS: Self =
        Self { number: 2893, template: "Analyzer warnings were encountered (<value>)." };
    /// The service definition was staged to overwrite.
    pub const STAGED_TO_OVERWRITE: Self = Self {
        number: 3308,
        template: "The service definition was staged to overwrite an existing service if found.",
    };
    /// Anything else.
    pub const UNCLASSIFIED: Self = Self { number: 999_999, template: "Error executing function." };
}

/// Every code, for the tests and the documentation page.
pub const CODES: &[Code] = &[
    Code::OUTPUT_EXISTS,
    Code::DATASET_MISSING,
    Code::VALUE_REQUIRED,
    Code::NOT_IN_LIST,
    Code::WRONG_TYPE,
    Code::COMPRESS_FAILED,
    Code::CONSOLIDATE_FAILED,
    Code::ANALYZER_ERRORS,
    Code::CREATE_FAILED,
    Code::EXTRACT_FAILED,
    Code::ANALYZER_WARNINGS,
    Code::STAGED_TO_OVERWRITE,
    Code::UNCLASSIFIED,
];
