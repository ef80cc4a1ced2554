using System.Collections.Frozen;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using static VnaCloud.Dicom.DicomTags;

namespace VnaCloud.Server.Qido;

/// <summary>
/// The information entity that an attribute of a stored instance describes, by the modules of PS3.3. What is not listed describes the
/// instance; so do private attributes, of which nobody knows.
/// </summary>
internal static class AttributeLevels
{
    // Patient (C.7.1.1), Clinical Trial Subject (C.7.1.3), General Study (C.7.2.1), Patient Study (C.7.2.2), Clinical Trial Study (C.7.2.3).
    private static readonly FrozenSet<DicomTag> Study = new[]
    {
        PatientName, PatientID, IssuerOfPatientID, IssuerOfPatientIDQualifiersSequence, TypeOfPatientID, OtherPatientIDsSequence, OtherPatientIDs,
        PatientBirthDate, PatientBirthTime, PatientBirthDateInAlternativeCalendar, PatientDeathDateInAlternativeCalendar, PatientAlternativeCalendar,
        PatientSex, QualityControlSubject, ReferencedPatientSequence, OtherPatientNames, EthnicGroup, PatientComments, PatientSpeciesDescription,
        PatientSpeciesCodeSequence, PatientBreedDescription, PatientBreedCodeSequence, BreedRegistrationSequence, ResponsiblePerson,
        ResponsiblePersonRole, ResponsibleOrganization, PatientIdentityRemoved, DeidentificationMethod, DeidentificationMethodCodeSequence,
        SourcePatientGroupIdentificationSequence, GroupOfPatientsIdentificationSequence, ReferencedPatientPhotoSequence,
        ClinicalTrialSponsorName, ClinicalTrialProtocolID, ClinicalTrialProtocolName, ClinicalTrialSiteID, ClinicalTrialSiteName,
        ClinicalTrialSubjectID, ClinicalTrialSubjectReadingID, ClinicalTrialProtocolEthicsCommitteeName,
        ClinicalTrialProtocolEthicsCommitteeApprovalNumber,
        StudyInstanceUID, StudyDate, StudyTime, ReferringPhysicianName, ReferringPhysicianIdentificationSequence, ConsultingPhysicianName,
        ConsultingPhysicianIdentificationSequence, StudyID, AccessionNumber, IssuerOfAccessionNumberSequence, StudyDescription,
        PhysiciansOfRecord, PhysiciansOfRecordIdentificationSequence, NameOfPhysiciansReadingStudy, PhysiciansReadingStudyIdentificationSequence,
        RequestingServiceCodeSequence, ReferencedStudySequence, ProcedureCodeSequence, ReasonForPerformedProcedureCodeSequence,
        AdmittingDiagnosesDescription, AdmittingDiagnosesCodeSequence, PatientAge, PatientSize, PatientWeight, PatientBodyMassIndex,
        MeasuredAPDimension, MeasuredLateralDimension, PatientSizeCodeSequence, MedicalAlerts, Allergies, SmokingStatus, PregnancyStatus,
        LastMenstrualDate, PatientState, Occupation, AdditionalPatientHistory, AdmissionID, IssuerOfAdmissionIDSequence, ServiceEpisodeID,
        IssuerOfServiceEpisodeIDSequence, ServiceEpisodeDescription, PatientSexNeutered, ReasonForVisit, ReasonForVisitCodeSequence,
        GenderIdentitySequence, SexParametersForClinicalUseCategorySequence, PersonNamesToUseSequence, ThirdPersonPronounsSequence,
        ClinicalTrialTimePointID, ClinicalTrialTimePointDescription, LongitudinalTemporalOffsetFromEvent, LongitudinalTemporalEventType,
        ConsentForClinicalTrialUseSequence, TimezoneOffsetFromUTC,
    }.ToFrozenSet();

    // General Series (C.7.3.1), Clinical Trial Series (C.7.3.2), Frame of Reference (C.7.4.1), Synchronization (C.7.4.2), General Equipment (C.7.5.1).
    private static readonly FrozenSet<DicomTag> Series = new[]
    {
        Modality, SeriesInstanceUID, SeriesNumber, Laterality, SeriesDate, SeriesTime, PerformingPhysicianName,
        PerformingPhysicianIdentificationSequence, ProtocolName, SeriesDescription, SeriesDescriptionCodeSequence, OperatorsName,
        OperatorIdentificationSequence, ReferencedPerformedProcedureStepSequence, RelatedSeriesSequence, BodyPartExamined, PatientPosition,
        SmallestPixelValueInSeries, LargestPixelValueInSeries, RequestAttributesSequence, PerformedProcedureStepID,
        PerformedProcedureStepStartDate, PerformedProcedureStepStartTime, PerformedProcedureStepEndDate, PerformedProcedureStepEndTime,
        PerformedProcedureStepDescription, PerformedProtocolCodeSequence, CommentsOnThePerformedProcedureStep, AnatomicalOrientationType,
        ClinicalTrialCoordinatingCenterName, ClinicalTrialSeriesID, ClinicalTrialSeriesDescription,
        FrameOfReferenceUID, PositionReferenceIndicator, SynchronizationFrameOfReferenceUID, SynchronizationTrigger, AcquisitionTimeSynchronized,
        Manufacturer, InstitutionName, InstitutionAddress, StationName, InstitutionalDepartmentName, ManufacturerModelName,
        ManufacturerDeviceClassUID, DeviceSerialNumber, SoftwareVersions, GantryID, UDISequence, DeviceUID, SpatialResolution,
        DateOfLastCalibration, TimeOfLastCalibration, PixelPaddingValue,
    }.ToFrozenSet();

    /// <summary>The highest level at which an attribute means something.</summary>
    public static QueryLevel Of(DicomTag tag) =>
        Study.Contains(tag) ? QueryLevel.Study : Series.Contains(tag) ? QueryLevel.Series : QueryLevel.Instance;
}
