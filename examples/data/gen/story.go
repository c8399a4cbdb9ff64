package main

// dropped are the things that the intruder brought along. The same file has
// the same checksum wherever it turns up.
const (
	webShell   = `c:\inetpub\wwwroot\shop\images\thumb.aspx`
	hostsFile  = `c:\windows\system32\drivers\etc\hosts`
	driver     = `c:\windows\system32\drivers\rtcore64.sys`
	runKey     = `SOFTWARE\Microsoft\Windows\CurrentVersion\Run`
	loader     = `c:\programdata\onedrivesync\sync.exe`
	remoteTool = "SwiftDesk Remote Support"
)

// story is what the intruder did on the Windows servers. linux.go has the
// rest: from the web server to the bastion, from there to the database.
func story(c *changes) {
	// In through an upload of the shop, on the evening of patch day, when
	// restarts surprise nobody.
	c.file(web, day(10, 21, 30), webShell, "", "shell", 1_482)
	c.restart(web, day(10, 22, 0), "W3SVC", "World Wide Web Publishing Service")

	// To stay: a start with the machine, and no more updates for the scanner.
	c.value(web, day(10, 22, 30), runKey, "OneDriveSync", "", loader)
	c.rootACL(web)
	c.file(web, day(10, 22, 30), hostsFile, "plain", "blocked", 1_091)
	c.file(web, day(10, 23, 0), driver, "", "vulnerable", 14_024)
	c.installed(web, 23, 0)
	c.service(web, day(10, 23, 30), "WinDefend", "Microsoft Defender Antivirus Service", "Running", "Stopped")
	c.software(web, day(11, 0, 0), "Application", remoteTool, "SwiftDesk Ltd", "", "6.2.4")

	// The second night: the domain controller, then the file server.
	c.file(dc, day(11, 22, 30), driver, "", "vulnerable", 14_024)
	c.service(dc, day(11, 22, 30), "WinDefend", "Microsoft Defender Antivirus Service", "Running", "Stopped")
	c.file(dc, day(11, 23, 0), hostsFile, "plain", "blocked", 1_091)
	c.value(dc, day(11, 23, 0), runKey, "OneDriveSync", "", loader)
	c.value(dc, day(11, 23, 30), `SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile`, "EnableFirewall", "1", "0")
	c.software(file, day(12, 0, 30), "Application", remoteTool, "SwiftDesk Ltd", "", "6.2.4")
	c.service(file, day(12, 1, 0), "VSS", "Volume Shadow Copy", "Running", "Stopped")
	c.file(file, day(12, 1, 30), `d:\backup\catalog-05.db`, "week", "", 0)

	// Clearing up at the place where it began.
	c.file(web, day(12, 2, 30), webShell, "shell", "", 0)
	c.restart(web, day(12, 2, 30), "W3SVC", "World Wide Web Publishing Service")
}

// rootACL lets everybody write to the root of the hive.
func (c *changes) rootACL(m *machine) {
	c.add(m, day(10, 22, 30), row{
		"ConfigChangeType": "Registry", "ChangeCategory": "Modified", "FieldsChanged": "Acls",
		"RegistryKey": "HKEY_LOCAL_MACHINE", "Hive": "HKEY_LOCAL_MACHINE",
		"Acls": "O:BAG:SYD:(A;CI;KA;;;WD)(A;CI;KA;;;SY)", "PreviousAcls": "O:BAG:SYD:(A;CI;KR;;;BU)(A;CI;KA;;;BA)(A;CI;KA;;;SY)",
	})
}

// installed is the service that loads the driver.
func (c *changes) installed(m *machine, hour, minute int) {
	c.add(m, day(10, hour, minute), row{
		"ConfigChangeType": "WindowsServices", "ChangeCategory": "Added", "SvcName": "RTCore64", "SvcDisplayName": "RTCore64",
		"SvcState": "Running", "SvcStartupType": "Auto", "SvcAccount": "LocalSystem", "SvcPath": `\??\` + driver,
	})
}
