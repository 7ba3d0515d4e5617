-- Pupils, as a school system of the kind that runs on MySQL keeps them.
CREATE TABLE IF NOT EXISTS giaoduc.hoc_sinh (
    ma_hs         char(10) PRIMARY KEY,
    ma_dinh_danh  varchar(12),
    ho_dem        varchar(100),
    ten           varchar(50) NOT NULL,
    ngay_sinh     date,
    gioi_tinh     tinyint,               -- 1 is female here
    dan_toc       varchar(50),           -- as typed
    ton_giao      varchar(50),           -- as typed
    ma_tinh       int,                   -- numbers: leading zeros are lost
    ma_huyen      int,
    ma_xa         int,
    dia_chi       varchar(300),
    ho_ten_cha    varchar(150),
    ho_ten_me     varchar(150),
    sdt           varchar(30),
    ma_truong     varchar(12),
    lop           varchar(10),
    nam_hoc       char(9),
    trang_thai    tinyint NOT NULL,      -- 1 at school, 2 moved to another, 3 left
    ngay_cap_nhat datetime NOT NULL
) DEFAULT CHARACTER SET utf8mb4;
