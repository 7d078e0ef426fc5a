"""Features that Meridian does not have: what is true where they are not used, and refusals."""

import pytest

from support import INVALID, NOT_FOUND, VALIDATION, constraint, invalid, refused, unique

BACKUP = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/backup/01489602797149-73d8d5bc"
EXPORT = BACKUP.replace("/backup/", "/export/")
IMPORT = BACKUP.replace("/backup/", "/import/")
SERIALIZATION = "SerializationException"
KINESIS = "arn:aws:kinesis:us-east-1:000000000000:stream/changes"
LENGTH = " must be at least 3 characters long and at most 255 characters long"


@pytest.fixture
def arn(client, table_s):
    return client.describe_table(TableName=table_s.name)["Table"]["TableArn"]


class TestBackups:
    def test_there_are_none(self, client, table_s):
        assert client.list_backups()["BackupSummaries"] == []
        assert client.list_backups(TableName=table_s.name)["BackupSummaries"] == []
        assert client.list_backups(BackupType="ALL", Limit=1)["BackupSummaries"] == []

    def test_one_that_is_asked_for_is_not_found(self, client):
        with refused("BackupNotFoundException", f"Backup not found: {BACKUP}"):
            client.describe_backup(BackupArn=BACKUP)
        with refused("BackupNotFoundException", f"Backup not found: {BACKUP}"):
            client.delete_backup(BackupArn=BACKUP)
        with refused("BackupNotFoundException", f"Backup not found: {BACKUP}"):
            client.restore_table_from_backup(TargetTableName=unique("t-"), BackupArn=BACKUP)

    def test_none_is_made(self, client, table_s):
        with refused(VALIDATION, contains="not supported"):
            client.create_backup(TableName=table_s.name, BackupName="nightly")
        name = unique("none-")
        with refused("TableNotFoundException", f"Table not found: {name}"):
            client.create_backup(TableName=name, BackupName="nightly")

    def test_a_table_is_restored_over_no_other(self, client, table_s):
        with refused("TableAlreadyExistsException", f"Table already exists: {table_s.name}"):
            client.restore_table_from_backup(TargetTableName=table_s.name, BackupArn=BACKUP)

    def test_parameters_have_bounds(self, loose, table_s):
        with constraint("0", "limit", "Member must have value greater than or equal to 1"):
            loose.list_backups(Limit=0)
        with refused(VALIDATION, contains="[USER, SYSTEM, AWS_BACKUP, ALL]"):
            loose.list_backups(BackupType="OLD")
        with invalid(INVALID + "Time range lower bound must be less than or equal to upper bound"):
            loose.list_backups(TimeRangeLowerBound=2, TimeRangeUpperBound=1)
        for wrong in ("", "arn", EXPORT):
            with invalid("Invalid Backup ARN"):
                loose.describe_backup(BackupArn=wrong)
        with invalid("TableName" + LENGTH):
            loose.restore_table_from_backup(TargetTableName="", BackupArn=BACKUP)
        with constraint(None, "backupName", "Member must not be null"):
            loose.create_backup(TableName=table_s.name)
        with constraint("ab", "backupName", "Member must have length greater than or equal to 3"):
            loose.create_backup(TableName=table_s.name, BackupName="ab")


class TestPointInTimeRecovery:
    def test_a_table_is_not_restored(self, client, table_s):
        message = f"Point in time recovery is not enabled for table '{table_s.name}'"
        with refused("PointInTimeRecoveryUnavailableException", message):
            client.restore_table_to_point_in_time(
                SourceTableName=table_s.name,
                TargetTableName=unique("t-"),
                UseLatestRestorableTime=True,
            )

    def test_a_table_is_not_exported(self, client, table_s, arn):
        message = f"Point in time recovery is not enabled for table '{table_s.name}'"
        with refused("PointInTimeRecoveryUnavailableException", message):
            client.export_table_to_point_in_time(TableArn=arn, S3Bucket="bucket")
        with refused("TableNotFoundException", f"Table not found: {arn}x"):
            client.export_table_to_point_in_time(TableArn=arn + "x", S3Bucket="bucket")

    def test_a_source_must_be_there(self, client):
        name = unique("none-")
        with refused("TableNotFoundException", f"Table not found: {name}"):
            client.restore_table_to_point_in_time(
                SourceTableName=name, TargetTableName=unique("t-"), UseLatestRestorableTime=True
            )
        with invalid("Must provide exactly one of: sourceTableArn, sourceTableName"):
            client.restore_table_to_point_in_time(
                TargetTableName=unique("t-"), UseLatestRestorableTime=True
            )

    def test_parameters_have_a_form(self, loose, table_s, arn):
        with invalid("Invalid TableArn: Invalid Table ARN"):
            loose.export_table_to_point_in_time(TableArn="", S3Bucket="bucket")
        with constraint("", "s3Bucket", "Member must satisfy regular expression pattern: "):
            loose.export_table_to_point_in_time(TableArn=arn, S3Bucket="")
        with invalid(
            "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time "
            "recovery."
        ):
            loose.update_continuous_backups(
                TableName=table_s.name,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": False, "RecoveryPeriodInDays": 3
                },
            )


class TestExportsAndImports:
    def test_there_are_none(self, client, arn):
        assert client.list_exports()["ExportSummaries"] == []
        assert client.list_exports(TableArn=arn)["ExportSummaries"] == []
        assert client.list_imports()["ImportSummaryList"] == []

    def test_one_that_is_asked_for_is_not_found(self, client):
        with refused("ExportNotFoundException", contains=EXPORT):
            client.describe_export(ExportArn=EXPORT)
        with refused("ImportNotFoundException", contains=IMPORT):
            client.describe_import(ImportArn=IMPORT)
        with invalid("Invalid Export ARN"):
            client.describe_export(ExportArn=BACKUP)
        with invalid("Invalid Import ARN"):
            client.describe_import(ImportArn=BACKUP)

    def test_pages_have_bounds(self, loose):
        for call, bound in ((loose.list_exports, "MaxResults"), (loose.list_imports, "PageSize")):
            with refused(VALIDATION, contains="less than or equal to 25"):
                call(**{bound: 26})

    def test_lists_have_tokens_and_tables_of_a_form(self, raw):
        message = "Member must have length greater than or equal to 1"
        assert message in raw.call("ListExports", {"TableArn": ""}).message
        assert message in raw.call("ListContributorInsights", {"TableName": ""}).message
        for operation in ("ListImports", "ListBulkOperations"):
            response = raw.call(operation, {"NextToken": "x" * 112})
            assert response.error == VALIDATION
            assert response.message.endswith("expression pattern: ([0-9a-f]{16})+")
            assert raw.call(operation, {"NextToken": "0" * 112}).status == 200
        for operation in ("ListExports", "ListImports", "ListBulkOperations"):
            assert raw.call(operation, {"NextToken": 1}).error == SERIALIZATION
        assert raw.call("ListBackups", {"TimeRangeLowerBound": "x"}).error == SERIALIZATION


class TestContributorInsights:
    def test_they_are_disabled(self, client, table_s):
        answer = client.describe_contributor_insights(TableName=table_s.name)
        assert answer["TableName"] == table_s.name
        assert answer["ContributorInsightsStatus"] == "DISABLED"
        assert client.list_contributor_insights()["ContributorInsightsSummaries"] == []

    def test_disabling_them_changes_nothing_and_enabling_is_refused(self, client, table_s):
        answer = client.update_contributor_insights(
            TableName=table_s.name, ContributorInsightsAction="DISABLE"
        )
        assert answer["ContributorInsightsStatus"] == "DISABLED"
        with refused(VALIDATION, contains="not supported"):
            client.update_contributor_insights(
                TableName=table_s.name, ContributorInsightsAction="ENABLE"
            )

    def test_a_table_or_index_that_is_not_there(self, client, table_s):
        name = unique("none-")
        with refused(NOT_FOUND, f"Requested resource not found: Table: {name} not found"):
            client.describe_contributor_insights(TableName=name)
        with refused(
            NOT_FOUND,
            f"Requested resource not found: Index: by-date not found for table: {table_s.name}",
        ):
            client.describe_contributor_insights(TableName=table_s.name, IndexName="by-date")

    def test_parameters_have_bounds(self, loose, table_s):
        with invalid("IndexName" + LENGTH):
            loose.describe_contributor_insights(TableName=table_s.name, IndexName="")
        with constraint(
            "", "contributorInsightsMode",
            "Member must satisfy enum value set: [THROTTLED_KEYS, ACCESSED_AND_THROTTLED_KEYS]",
        ):
            loose.update_contributor_insights(
                TableName=table_s.name,
                ContributorInsightsAction="DISABLE",
                ContributorInsightsMode="",
            )


class TestKinesis:
    def test_a_table_has_no_destinations(self, client, table_s):
        answer = client.describe_kinesis_streaming_destination(TableName=table_s.name)
        assert answer["TableName"] == table_s.name
        assert answer["KinesisDataStreamDestinations"] == []

    def test_none_is_added_or_taken(self, client, table_s):
        with refused(VALIDATION, contains="not supported"):
            client.enable_kinesis_streaming_destination(
                TableName=table_s.name, StreamArn=KINESIS
            )
        state = "Table is not in a valid state to enable Kinesis Streaming Destination: "
        with invalid(
            state + "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."
        ):
            client.disable_kinesis_streaming_destination(
                TableName=table_s.name, StreamArn=KINESIS
            )
        with invalid(
            state + "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE "
            f"state. TableName: {table_s.name}, kdsArn: {KINESIS}"
        ):
            client.update_kinesis_streaming_destination(
                TableName=table_s.name,
                StreamArn=KINESIS,
                UpdateKinesisStreamingConfiguration={
                    "ApproximateCreationDateTimePrecision": "MICROSECOND"
                },
            )

    def test_a_table_that_is_not_there(self, client):
        name = unique("none-")
        with refused(NOT_FOUND, f"Requested resource not found: Table: {name} not found"):
            client.describe_kinesis_streaming_destination(TableName=name)


    def test_a_precision_is_one_of_two(self, loose, table_s):
        with constraint(
            "SECOND", "updateKinesisStreamingConfiguration.approximateCreationDateTimePrecision",
            "Member must satisfy enum value set: [MILLISECOND, MICROSECOND]",
        ):
            loose.update_kinesis_streaming_destination(
                TableName=table_s.name,
                StreamArn=KINESIS,
                UpdateKinesisStreamingConfiguration={
                    "ApproximateCreationDateTimePrecision": "SECOND"
                },
            )


class TestBulkOperations:
    """Older SDKs do not know them, so they are called by hand."""

    ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/bulk/01489602797149-73d8d5bc"
    INPUT = {"S3Bucket": "bucket", "S3KeyPrefix": "in/"}
    OUTPUT = {"S3Bucket": "bucket", "S3KeyPrefix": "out/"}

    def put(self, raw, table):
        body = {
            "TableName": table,
            "InputS3Configuration": self.INPUT,
            "OutputS3Configuration": self.OUTPUT,
        }
        return raw.call("StartBulkPutItems", body)

    def test_there_are_none(self, raw):
        assert raw.call("ListBulkOperations", {}).json() == {"BulkOperationsSummaryList": []}
        assert raw.call("ListBulkOperations", {"MaxResults": 26}).error == VALIDATION

    def test_one_that_is_asked_for_is_not_found(self, raw):
        for operation in ("DescribeBulkOperation", "CancelBulkOperation"):
            response = raw.call(operation, {"BulkOperationArn": self.ARN})
            assert response.error == NOT_FOUND
            assert response.message == f"Bulk operation not found: {self.ARN}"
            assert raw.call(operation, {}).error == VALIDATION

    def test_none_is_started(self, raw, table_s):
        response = self.put(raw, table_s.name)
        assert response.error == VALIDATION
        assert response.message.endswith("StartBulkPutItems is not supported yet")
        assert self.put(raw, unique("none-")).error == NOT_FOUND
        response = raw.call("StartBulkPutItems", {"TableName": table_s.name})
        assert response.message.startswith("2 validation errors detected: ")


class TestVectorIndexes:
    def search(self, raw, table):
        body = {"TableName": table, "IndexName": "near", "TopK": 1}
        body["SearchVector"] = [{"N": "1"}]
        return raw.call("SearchVectors", body)

    def test_no_table_has_one(self, raw, table_s):
        response = self.search(raw, table_s.name)
        assert response.error == VALIDATION
        assert response.message == "The table does not have the specified index: near"
        assert self.search(raw, unique("none-")).error == NOT_FOUND

    def test_a_search_says_what_it_is_near_to(self, raw, table_s):
        response = raw.call("SearchVectors", {"TableName": table_s.name, "IndexName": "near"})
        assert response.error == VALIDATION
        assert "searchVector" in response.message and "topK" in response.message

    def test_a_search_has_bounds(self, raw, table_s):
        good = {"TableName": table_s.name, "IndexName": "near", "TopK": 1}
        good["SearchVector"] = [{"N": "1"}]
        for member, value, message in (
            ("TopK", 0, "Value '0' at 'topK' failed to satisfy constraint: Member must have value "
                "greater than or equal to 1"),
            ("SearchVector", [], "Value '[]' at 'searchVector' failed to satisfy constraint: Member "
                "must have length greater than or equal to 1"),
            ("IndexName", "ab", "Value 'ab' at 'indexName' failed to satisfy constraint: Member "
                "must have length greater than or equal to 3"),
            ("ReturnConsumedCapacity", "ALL", "Value 'ALL' at 'returnConsumedCapacity' failed to "
                "satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"),
        ):
            response = raw.call("SearchVectors", good | {member: value})
            assert response.message == "1 validation error detected: " + message
        for member, value in (("TopK", "1"), ("SearchVector", {}), ("ProjectionExpression", 1)):
            assert raw.call("SearchVectors", good | {member: value}).error == SERIALIZATION

    def test_none_is_made(self, raw):
        response = raw.call("CreateTable", {"TableName": unique("v-"), "VectorIndexes": [{}]})
        assert response.error == VALIDATION
