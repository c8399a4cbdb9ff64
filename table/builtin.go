package table

// The names of the built-in tables.
const (
	ConfigurationChange = "ConfigurationChange"
	ConfigurationData   = "ConfigurationData"
	Heartbeat           = "Heartbeat"
	Alerts              = "Alerts"
	RuleHealth          = "RuleHealth"
	IngestionFailures   = "_IngestionFailures"
)

// builtins are the built-in tables: Azure's columns first, in the order in
// which Azure's reference lists them, then the hidden ones.
var builtins = map[string]*Schema{
	ConfigurationChange: MustSchema(concat(changeColumns, changeExtensions, commonExtensions)...),
	ConfigurationData:   MustSchema(concat(dataColumns, dataExtensions, commonExtensions)...),
	Heartbeat:           MustSchema(concat(heartbeatColumns, commonExtensions)...),
	Alerts:              MustSchema(alertColumns...),
	RuleHealth:          MustSchema(healthColumns...),
	IngestionFailures:   MustSchema(failureColumns...),
}

// Builtin returns the schema of the built-in table named name, and whether
// there is one.
func Builtin(name string) (*Schema, bool) {
	s, ok := builtins[name]
	return s, ok
}

// BuiltinNames returns the names of the built-in tables that every database
// lists, sorted. Alerts and RuleHealth are listed once alert rules have run,
// _IngestionFailures once a record has been rejected.
func BuiltinNames() []string { return []string{ConfigurationChange, ConfigurationData, Heartbeat} }

// kinds are the values of ConfigChangeType and ConfigDataType. About half of
// the rows that newer agents send have none. Ports, Users and Groups are ours:
// osquery and Wazuh tell of them, Azure's agents do not.
var kinds = []string{"Files", "Software", "WindowsServices", "Registry", "Daemons", "Ports", "Users", "Groups", ""}

// vocabularies are the columns that hold one of a few known values.
var vocabularies = map[string]map[string][]string{
	ConfigurationChange: {
		"ConfigChangeType": kinds,
		"ChangeCategory":   {"Added", "Removed", "Modified"},
		"Type":             {ConfigurationChange},
	},
	ConfigurationData: {
		"ConfigDataType": kinds,
		"Type":           {ConfigurationData},
	},
	Heartbeat: {
		"Type": {Heartbeat},
	},
	Alerts:     alertVocabulary,
	RuleHealth: healthVocabulary,

	IngestionFailures: failureVocabulary,
}

// Vocabulary returns all values that a column of a built-in table can hold,
// or nil where any text may occur. A comparison with anything else is never
// true, which is worth a warning. The caller must not change the result.
func Vocabulary(table, column string) []string { return vocabularies[table][column] }

func concat(lists ...[]Column) []Column {
	var all []Column
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// hidden makes a hidden column.
func hidden(name string, t Type, doc string) Column {
	return Column{Name: name, Type: t, Hidden: true, Doc: doc}
}

// changeExtensions are what agents know about a change beyond Azure's columns.
// Names follow MDCFileIntegrityMonitoringEvents where that table has the thing.
// See https://learn.microsoft.com/azure/azure-monitor/reference/tables/mdcfileintegritymonitoringevents
var changeExtensions = append([]Column{
	hidden("Name", String, "Name of the file without its folder; part of the table until 2022."),
	hidden("Architecture", String, "Instruction set architecture of the software."),
	hidden("InitiatingProcessName", String, "Name of the process that made the change."),
	hidden("InitiatingProcessId", Long, "Process id of the process that made the change."),
	hidden("InitiatingProcessImageFilePath", String, "Path of the executable of the process that made the change."),
	hidden("InitiatingProcessCommandLine", String, "Command line of the process that made the change."),
	hidden("InitiatingProcessParentName", String, "Name of the parent of the process that made the change."),
	hidden("InitiatingProcessAccountName", String, "Account that the process that made the change ran as."),
	hidden("InitiatingProcessAccountSid", String, "SID of that account, or uid:0 and the like on Linux."),
	hidden("RequestAccountName", String, "Account that had logged in, whatever it became afterwards (audit uid)."),
	hidden("RequestAccountSid", String, "SID of the account that had logged in, or uid:1000 and the like on Linux."),
	hidden("OriginalFilePath", String, "Path of the file before it was renamed."),
	hidden("PreviousFileSha256", String, "SHA-256 of the content before the change, lower-case hexadecimal."),
	hidden("PreviousFileMode", String, "File mode before the change, in octal."),
	hidden("PreviousFileOwner", String, "Owner of the file before the change."),
	hidden("PreviousFileGroup", String, "Group of the file before the change."),
	hidden("PreviousLinkTarget", String, "Where the symbolic link led before the change."),
	hidden("ContentDiff", String, "Lines that differ, as the agent sent them."),
}, dataExtensions...)

// dataExtensions are what agents know about the state of a file beyond
// Azure's columns.
var dataExtensions = []Column{
	hidden("FileMd5", String, "MD5 of the content, lower-case hexadecimal."),
	hidden("FileSha1", String, "SHA-1 of the content, lower-case hexadecimal."),
	hidden("FileSha256", String, "SHA-256 of the content, lower-case hexadecimal."),
	hidden("FileMode", String, "File mode in octal."),
	hidden("FileOwner", String, "Owner of the file."),
	hidden("FileGroup", String, "Group of the file."),
	hidden("LinkTarget", String, "Where the symbolic link leads."),
	hidden("FileInode", Long, "Inode number of the file."),
}

// commonExtensions are the columns that every built-in table has beyond
// Azure's visible ones.
var commonExtensions = []Column{
	hidden("AgentFormat", String, "Format that the row was read from, such as azure.jsonl or oms.blob."),
	hidden("DetectedBy", String, "How the row came about: scan, realtime, whodata, offline, import or inventory."),
	hidden("EventId", String, "Identifier of the event at its source; rows with the same one are stored once."),
	hidden("IngestionTime", Datetime, "When Tidemark took the row in."),
	hidden("AdditionalFields", Dynamic, "All fields of the record that have no column of their own."),
	hidden("TenantId", String, "Identifier of the Log Analytics workspace."),
	hidden("_ItemId", String, "Identifier of the row in Azure Monitor."),
	hidden("_TimeReceived", Datetime, "When Azure Monitor received the row."),
}
