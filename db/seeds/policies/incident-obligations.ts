// Which duties to report probably apply to an incident. A decision aid, not legal advice.
export const INCIDENT_OBLIGATIONS = `# Which duties to report probably apply to an incident; decision aid, not legal advice.
#
# input.duties: [{code, regime, stage}]
# input.incident: {category, severity, phase, affected_records (number or null)}
# input.regulation: {jurisdictions, sectors, personal_data}, from the settings of the organization
#
# duties: {code: {"applies": "required" | "not_required" | "undecided", "reason": text}}
# What is left out stays undecided, and undecided counts down.
package incident_obligations

default duties := {}

duties := {duty.code: verdict(duty) | some duty in input.duties}

# Where and as what the organization must be at home for a regime to bind it.
scope := {
	"GDPR": {"jurisdiction": "EU", "sectors": []},
	"UK GDPR": {"jurisdiction": "UK", "sectors": []},
	"NIS2": {"jurisdiction": "EU", "sectors": ["essential_services", "important_services"]},
	"DORA": {"jurisdiction": "EU", "sectors": ["financial"]},
	"SEC": {"jurisdiction": "US", "sectors": ["listed"]},
	"HIPAA": {"jurisdiction": "US", "sectors": ["health"]},
}

verdict(duty) := {"applies": "undecided", "reason": "the settings do not say where the organization is bound"} if {
	count(input.regulation.jurisdictions) == 0
} else := {"applies": "undecided", "reason": "whether a contract asks for it is in the contract"} if {
	not scope[duty.regime]
} else := {
	"applies": "not_required",
	"reason": sprintf("%s does not bind an organization with these settings", [duty.regime]),
} if {
	not bound(duty.regime)
} else := answer if {
	answer := facts[duty.regime]
	not fewer_than_media(duty)
} else := {"applies": "not_required", "reason": "media are told from 500 persons on"} if {
	fewer_than_media(duty)
} else := {"applies": "undecided", "reason": "the facts of the incident do not settle it"}

bound(regime) if {
	scope[regime].jurisdiction in input.regulation.jurisdictions
	count(scope[regime].sectors) == 0
}

bound(regime) if {
	scope[regime].jurisdiction in input.regulation.jurisdictions
	some sector in scope[regime].sectors
	sector in input.regulation.sectors
}

fewer_than_media(duty) if {
	duty.code == "hipaa_media"
	is_number(input.incident.affected_records)
	input.incident.affected_records <= 500
}

privacy_regimes := {"GDPR", "UK GDPR", "HIPAA"}

facts[regime] := {"applies": "required", "reason": "records of persons are affected"} if {
	some regime in privacy_regimes
	is_number(input.incident.affected_records)
	input.incident.affected_records > 0
	input.regulation.personal_data
}

facts[regime] := {"applies": "not_required", "reason": "no record of a person is affected"} if {
	some regime in privacy_regimes
	input.incident.affected_records == 0
}

facts[regime] := {"applies": "required", "reason": "a grave incident is likely significant"} if {
	some regime in {"NIS2", "DORA"}
	input.incident.severity in {"critical", "high"}
}

facts[regime] := {"applies": "undecided", "reason": "materiality is for people to determine"} if {
	regime := "SEC"
}
`;
