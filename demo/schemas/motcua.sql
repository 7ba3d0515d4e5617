-- One-stop dossiers, as a back office of the kind that runs on SQL Server keeps them.
CREATE TABLE IF NOT EXISTS ho_so (
    ma_ho_so       varchar(30) PRIMARY KEY,
    ma_tthc        varchar(20),
    ten_tthc       varchar(500),
    ma_don_vi      varchar(20),            -- may be a district that was abolished
    kenh           smallint,               -- 1 at the counter, 2 online, 3 by post
    loai_giay_to   smallint,               -- 1 personal number, 2 identity card
    so_giay_to     varchar(20),
    ho_ten         varchar(200),
    ngay_sinh      varchar(20),            -- as typed
    gioi_tinh      varchar(10),
    dien_thoai     varchar(50),            -- now and then two
    email          varchar(100),
    dia_chi        varchar(500),           -- as typed
    ma_xa          varchar(5),
    ngay_tiep_nhan timestamp NOT NULL,
    ngay_hen_tra   timestamp,
    ngay_tra       timestamp,
    trang_thai     smallint NOT NULL,      -- 1 to 10
    can_bo         varchar(100),
    le_phi         numeric(12,0),
    phien_ban      bigint NOT NULL         -- counts the row's versions
);
